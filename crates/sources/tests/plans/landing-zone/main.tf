# A landing zone in small: a store per team, made by one module, a key and a trail beside them.

variable "teams" {
  type = map(object({ reader = string }))
  default = {
    claims   = { reader = "claims-reader" }
    payments = { reader = "payments-reader" }
  }
}

locals {
  prefix   = "acme"
  endpoint = aws_vpc_endpoint.s3.id
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.s3"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for name, team in var.teams : {
      Sid       = title(name)
      Effect    = "Allow"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::${local.prefix}-${name}/*"]
    }]
  })
}

resource "aws_kms_key" "data" {
  description         = "data"
  enable_key_rotation = true
}

resource "aws_kms_key_policy" "data" {
  key_id = aws_kms_key.data.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([{
      Sid       = "Account"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = "kms:*"
      Resource  = "*"
      }], [for name, team in var.teams : {
      Sid       = "Use${name}"
      Effect    = "Allow"
      Principal = { AWS = module.store[name].reader_arn }
      Action    = ["kms:Decrypt"]
      Resource  = aws_kms_key.data.arn
    }])
  })
}

resource "aws_kms_alias" "data" {
  name          = "alias/data"
  target_key_id = aws_kms_key.data.key_id
}

module "store" {
  source   = "./modules/store"
  for_each = var.teams
  name     = "${local.prefix}-${each.key}"
  reader   = each.value.reader
  key      = aws_kms_key.data.arn
  endpoint = local.endpoint
}

resource "aws_s3_bucket" "trail" {
  bucket = "${local.prefix}-trail"
}

resource "aws_s3_bucket_policy" "trail" {
  bucket = aws_s3_bucket.trail.id
  policy = data.aws_iam_policy_document.trail.json
}

data "aws_iam_policy_document" "trail" {
  statement {
    sid       = "Write"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.trail.arn}/AWSLogs/*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = ["arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"]
    }
  }
}

resource "aws_cloudtrail" "main" {
  name                  = "main"
  s3_bucket_name        = aws_s3_bucket.trail.bucket
  is_multi_region_trail = true
  kms_key_id            = aws_kms_key.data.arn
  depends_on            = [aws_s3_bucket_policy.trail]
}

resource "aws_sqs_queue" "events" {
  for_each          = toset(["claims", "payments"])
  name              = "${local.prefix}-${each.key}-events"
  kms_master_key_id = aws_kms_key.data.id
}

resource "aws_sqs_queue_policy" "events" {
  for_each  = aws_sqs_queue.events
  queue_url = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = each.value.arn
      Condition = { ArnLike = { "aws:SourceArn" = module.store[each.key].bucket_arn } }
    }]
  })
}
