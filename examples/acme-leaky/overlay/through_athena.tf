# Planted: refused directly, but not through Athena. The reader queries its records, and Athena takes queries from anywhere.

resource "aws_s3_bucket" "query_results" {
  provider   = aws.claims
  bucket     = "acme-claims-query-results"
  depends_on = [aws_organizations_account.member]
}

resource "aws_s3_bucket_public_access_block" "query_results" {
  provider                = aws.claims
  bucket                  = aws_s3_bucket.query_results.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_iam_role_policy" "claims_reader_queries" {
  provider = aws.claims
  name     = "query-records"
  role     = aws_iam_role.claims_reader.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Queries", Effect = "Allow", Action = ["athena:GetQueryExecution", "athena:GetQueryResults", "athena:StartQueryExecution", "glue:GetDatabase", "glue:GetPartitions", "glue:GetTable"], Resource = "*" },
      { Sid = "Results", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListMultipartUploadParts", "s3:PutObject"], Resource = [aws_s3_bucket.query_results.arn, "${aws_s3_bucket.query_results.arn}/*"] },
    ]
  })
}
