# Planted: a role that nobody approved may become an approved one, the other half: the writer's trust policy lets it.

locals {
  payments_writer_trust = [
    {
      Sid       = "Functions"
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    },
    {
      Sid       = "Experiment"
      Effect    = "Allow"
      Principal = { AWS = aws_iam_role.experiment.arn }
      Action    = "sts:AssumeRole"
    },
  ]
}
