# Planted: a key owned by workload administrators, the other half: the secret is under it.

locals {
  secret_key_arn = aws_kms_key.workload.arn
}
