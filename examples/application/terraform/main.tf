# The same application as the stacks in ../cloudformation.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

locals {
  account = "200000000002"
  partner = "999900000001"
}

resource "aws_kms_key" "orders" {
  enable_key_rotation = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Administer", Effect = "Allow", Principal = { AWS = "arn:aws:iam::${local.account}:role/platform/key-admin" }, Action = ["kms:Describe*", "kms:Put*", "kms:Enable*", "kms:List*", "kms:Get*"], Resource = "*" },
      { Sid = "Read", Effect = "Allow", Principal = { AWS = "arn:aws:iam::${local.account}:role/app/orders-reader" }, Action = ["kms:Decrypt"], Resource = "*" },
      { Sid = "Recover", Effect = "Allow", Principal = { AWS = "arn:aws:iam::${local.account}:root" }, Action = "kms:PutKeyPolicy", Resource = "*" },
    ]
  })
}

resource "aws_kms_alias" "orders" {
  name          = "alias/orders"
  target_key_id = aws_kms_key.orders.key_id
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.s3"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:*", Resource = "*", Condition = { StringEquals = { "aws:ResourceAccount" = local.account } } }]
  })
}

resource "aws_s3_bucket" "orders" {
  bucket = "acme-orders"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "orders" {
  bucket = aws_s3_bucket.orders.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.orders.arn
    }
  }
}

resource "aws_s3_bucket_versioning" "orders" {
  bucket = aws_s3_bucket.orders.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_ownership_controls" "orders" {
  bucket = aws_s3_bucket.orders.id
  rule { object_ownership = "BucketOwnerEnforced" }
}

resource "aws_s3_bucket_public_access_block" "orders" {
  bucket                  = aws_s3_bucket.orders.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}

data "aws_iam_policy_document" "orders" {
  statement {
    sid       = "OnlyOurs"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::acme-orders", "arn:aws:s3:::acme-orders/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "StringNotEquals"
      variable = "aws:PrincipalAccount"
      values   = [local.account]
    }
  }
  statement {
    sid       = "OnlyThroughTheEndpoint"
    effect    = "Deny"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["arn:aws:s3:::acme-orders/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "StringNotEquals"
      variable = "aws:SourceVpce"
      values   = [aws_vpc_endpoint.s3.id]
    }
  }
}

resource "aws_s3_bucket_policy" "orders" {
  bucket = aws_s3_bucket.orders.id
  policy = data.aws_iam_policy_document.orders.json
}

resource "aws_sqs_queue" "incoming" {
  name              = "orders-incoming"
  kms_master_key_id = aws_kms_key.orders.arn
}

resource "aws_sqs_queue_policy" "incoming" {
  queue_url = aws_sqs_queue.incoming.url
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "PartnerReads", Effect = "Allow", Principal = { AWS = "arn:aws:iam::${local.partner}:root" }, Action = ["sqs:SendMessage", "sqs:ReceiveMessage"], Resource = "arn:aws:sqs:eu-west-1:${local.account}:orders-incoming" }]
  })
}

resource "aws_secretsmanager_secret" "credential" {
  name       = "orders/credential"
  kms_key_id = aws_kms_key.orders.arn
}

resource "aws_secretsmanager_secret_policy" "credential" {
  secret_arn = aws_secretsmanager_secret.credential.arn
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "OnlyOurs", Effect = "Deny", Principal = "*", Action = "secretsmanager:*", Resource = "*", Condition = { StringNotEquals = { "aws:PrincipalAccount" = local.account } } }]
  })
}

resource "aws_iam_role" "reader" {
  name               = "orders-reader"
  path               = "/app/"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = ["arn:aws:s3:::acme-orders", "arn:aws:s3:::acme-orders/*"]
  }
  statement {
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.orders.arn]
  }
}

resource "aws_iam_role_policy" "read" {
  name   = "read"
  role   = aws_iam_role.reader.name
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_role" "key_admin" {
  name               = "key-admin"
  path               = "/platform/"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::${local.account}:role/platform/deployer" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role_policy" "keys" {
  name   = "keys"
  role   = aws_iam_role.key_admin.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:*", Resource = "*" }] })
}

resource "aws_s3_bucket" "archive" {
  bucket = "acme-orders-log"
}

resource "aws_s3_bucket_versioning" "archive" {
  bucket = aws_s3_bucket.archive.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_policy" "archive" {
  bucket = aws_s3_bucket.archive.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Deliver", Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = ["s3:GetBucketAcl", "s3:PutObject"], Resource = ["arn:aws:s3:::acme-orders-log", "arn:aws:s3:::acme-orders-log/*"], Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:eu-west-1:${local.account}:trail/orders" } } }]
  })
}

resource "aws_cloudtrail" "orders" {
  name                       = "orders"
  s3_bucket_name             = aws_s3_bucket.archive.id
  is_multi_region_trail      = true
  enable_log_file_validation = true
  event_selector {
    read_write_type           = "All"
    include_management_events = true
    data_resource {
      type   = "AWS::S3::Object"
      values = ["arn:aws:s3"]
    }
  }
}
