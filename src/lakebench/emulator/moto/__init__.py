"""The only importer of moto: its S3, Glue, STS and IAM are the state of record."""
