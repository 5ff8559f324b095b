# Things that surround the datasets in any real organization and hold none of them.

resource "aws_ecr_repository" "intake" {
  provider             = aws.payments
  name                 = "payments/intake"
  image_tag_mutability = "IMMUTABLE"
  depends_on           = [aws_organizations_account.member]
}

resource "aws_ecr_repository_policy" "intake" {
  provider   = aws.payments
  repository = aws_ecr_repository.intake.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "FunctionsPull"
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Condition = { StringEquals = { "aws:SourceAccount" = var.accounts["payments"] } }
    }]
  })
}

resource "aws_lambda_function" "intake" {
  provider      = aws.payments
  function_name = "payments-intake"
  role          = aws_iam_role.payments_writer.arn
  package_type  = "Image"
  image_uri     = "${aws_ecr_repository.intake.repository_url}:1"
  vpc_config {
    subnet_ids         = [aws_subnet.payments.id]
    security_group_ids = [aws_security_group.intake.id]
  }
  environment {
    variables = { BUCKET = local.records_name }
  }
}

resource "aws_security_group" "intake" {
  provider    = aws.payments
  name        = "payments-intake"
  description = "Functions reach endpoints only"
  vpc_id      = aws_vpc.payments.id
  tags        = { Name = "payments-intake" }
}

resource "aws_lambda_permission" "intake" {
  provider       = aws.payments
  statement_id   = "Schedule"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.intake.function_name
  principal      = "events.amazonaws.com"
  source_arn     = "arn:aws:events:${var.region}:${var.accounts["payments"]}:rule/payments-intake"
  source_account = var.accounts["payments"]
}

resource "aws_sns_topic" "alarms" {
  provider   = aws.security
  name       = "security-alarms"
  depends_on = [aws_organizations_account.member]
}

resource "aws_sns_topic_policy" "alarms" {
  provider = aws.security
  arn      = aws_sns_topic.alarms.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Alarms"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.alarms.arn
      Condition = { StringEquals = { "aws:SourceOrgID" = local.org_id } }
    }]
  })
}
