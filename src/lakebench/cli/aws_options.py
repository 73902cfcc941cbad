"""The flags of every command that can run on AWS, in one wording."""

from __future__ import annotations

from typing import Annotated

import typer

TargetName = Annotated[
    str | None, typer.Option("--target", help="Where: local (default), aws, or a target of lakebench.toml.")
]
Region = Annotated[str | None, typer.Option("--region", help="AWS region; prices follow it.")]
Agreed = Annotated[
    bool, typer.Option("--aws", envvar="LAKEBENCH_AWS", help="aws: yes, run there; it costs money.")
]
MaxUsd = Annotated[
    str | None, typer.Option("--max-usd", help="aws: the most that may be billed; needed there.")
]
Keep = Annotated[bool, typer.Option("--keep", help="aws: leave what the run made where it is.")]
Profile = Annotated[str | None, typer.Option("--aws-profile", help="aws: the profile with the credentials.")]
Bucket = Annotated[
    str | None,
    typer.Option("--aws-bucket", help="aws: a bucket that is there; default: the run makes its own."),
]
Role = Annotated[
    str | None, typer.Option("--aws-role", help="aws: the IAM role that the crawler runs under.")
]
Workgroup = Annotated[str | None, typer.Option("--aws-workgroup", help="aws: the Athena workgroup.")]
