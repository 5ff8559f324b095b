# Planted: a role that nobody approved may become an approved one. An experiment in the sandbox needed test data once.

resource "aws_iam_role" "experiment" {
  provider = aws.sandbox
  name     = "experiment"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Instances"
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
  depends_on = [aws_organizations_account.member]
}

resource "aws_iam_role_policy" "experiment" {
  provider = aws.sandbox
  name     = "become-writer"
  role     = aws_iam_role.experiment.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "BecomeWriter", Effect = "Allow", Action = "sts:AssumeRole", Resource = local.roles["payments-writer"] }]
  })
}
