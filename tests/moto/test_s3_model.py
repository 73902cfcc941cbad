"""S3 against a dictionary: whatever is done in whatever order, restarts included, both have the same objects."""

import hashlib
import os
import shutil
import signal
import tempfile
from pathlib import Path

from botocore.exceptions import ClientError
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lakebench import Server

KEYS = st.sampled_from(["a", "a/", "a/b", "..", "ñ\n", "a%2fb", " "])
BODIES = st.binary(max_size=40)
BUCKET = "model"


class S3Machine(RuleBasedStateMachine):
    """The model is ``objects``: key to body and metadata; ``upload`` is the one in progress."""

    def __init__(self):
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="model-"))
        self.objects = {}
        self.upload = None
        self._start()

    def _start(self):
        self.server = Server(data_dir=self.root / "data", workers=1).start()
        self.s3 = self.server.client("s3")

    @initialize()
    def create(self):
        self.s3.create_bucket(Bucket=BUCKET)

    @rule(key=KEYS, body=BODIES, note=st.sampled_from(["", "x"]))
    def put(self, key, body, note):
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata={"note": note})
        self.objects[key] = (body, note)

    @rule(key=KEYS, body=BODIES)
    def put_if_absent(self, key, body):
        try:
            self.s3.put_object(Bucket=BUCKET, Key=key, Body=body, IfNoneMatch="*", Metadata={"note": "if"})
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed" or key not in self.objects:
                raise
        else:
            assert key not in self.objects
            self.objects[key] = (body, "if")

    @rule(key=KEYS)
    def delete(self, key):
        self.s3.delete_object(Bucket=BUCKET, Key=key)
        self.objects.pop(key, None)

    @rule(keys=st.sets(KEYS, min_size=1))
    def delete_many(self, keys):
        self.s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in sorted(keys)]})
        for key in keys:
            self.objects.pop(key, None)

    @rule(source=KEYS, place=KEYS)
    def copy(self, source, place):
        if source == place:
            return
        try:
            self.s3.copy_object(Bucket=BUCKET, Key=place, CopySource={"Bucket": BUCKET, "Key": source})
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey" or source in self.objects:
                raise
        else:
            self.objects[place] = self.objects[source]

    @rule(key=KEYS, body=BODIES)
    def begin_upload(self, key, body):
        upload_id = self.s3.create_multipart_upload(Bucket=BUCKET, Key=key, Metadata={"note": "mp"})[
            "UploadId"
        ]
        part = self.s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload_id, PartNumber=1, Body=body)
        self.upload = (key, upload_id, part["ETag"], body)

    @rule()
    def complete_upload(self):
        if self.upload is None:
            return
        (key, upload_id, etag, body), self.upload = self.upload, None
        parts = [{"PartNumber": 1, "ETag": etag}]
        self.s3.complete_multipart_upload(
            Bucket=BUCKET, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
        )
        self.objects[key] = (body, "mp")

    @rule(kill=st.booleans())
    def restart(self, kill):
        if kill:
            os.kill(self.server.pid, signal.SIGKILL)
        self.server.stop()
        self._start()

    @invariant()
    def listings_agree(self):
        if not self.objects:
            return
        listed = self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        assert [one["Key"] for one in listed] == sorted(self.objects, key=str.encode)
        for one in listed:
            body, _ = self.objects[one["Key"]]
            assert one["Size"] == len(body)
            assert "-" in one["ETag"] or one["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'

    @invariant()
    def objects_agree(self):
        for key, (body, note) in self.objects.items():
            found = self.s3.get_object(Bucket=BUCKET, Key=key)
            assert (found["Body"].read(), found["Metadata"]["note"]) == (body, note)

    def teardown(self):
        self.server.stop()
        files = [path for path in (self.root / "data" / "objects").rglob("*") if path.is_file()]
        parts = 0 if self.upload is None else 1
        assert len(files) >= len(self.objects) + parts
        shutil.rmtree(self.root)


LONG = bool(os.environ.get("LAKEBENCH_LONG"))
S3Machine.TestCase.settings = settings(
    max_examples=200 if LONG else 8,
    stateful_step_count=50 if LONG else 20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
test_s3_is_a_dictionary = S3Machine.TestCase
