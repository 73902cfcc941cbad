"""The harness's only way to AWS: boto3 sessions, S3, Glue and Athena in few verbs. Local or live alike."""
