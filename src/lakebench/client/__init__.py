"""The harness's only way to AWS: boto3 sessions, S3, Glue and Athena in few verbs. Local or live alike."""

from lakebench.client.session import AwsSession, aws_session, local_session, open_session

__all__ = ["AwsSession", "aws_session", "local_session", "open_session"]
