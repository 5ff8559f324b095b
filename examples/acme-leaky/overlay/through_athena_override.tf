# Planted: refused directly, but not through Athena, the other half: what a service does on the reader's behalf is exempt
# from the network that the reader itself is held to.

locals {
  records_reader_network = {
    Sid       = "ReaderOnlyFromClaims"
    Effect    = "Deny"
    Principal = "*"
    NotAction = concat(local.bucket_configuration_reads, local.bucket_configuration_writes)
    Resource  = local.records_resources
    Condition = {
      ArnEquals       = { "aws:PrincipalArn" = local.roles["claims-reader"] }
      StringNotEquals = { "aws:SourceVpce" = local.claims_s3_endpoint }
      BoolIfExists    = { "aws:ViaAWSService" = "false" }
    }
  }
}
