"""The AWS wire: botocore's service models drive parsing, validation, dispatch and serialising."""
