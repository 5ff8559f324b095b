# Planted: CloudTrail exists but lacks data events, for the bucket with the records.

locals {
  trail_selectors = [
    { name = "management events", fields = [{ field = "eventCategory", equals = ["Management"], starts_with = null }] },
    { name = "claims-cases", fields = [
      { field = "eventCategory", equals = ["Data"], starts_with = null },
      { field = "resources.type", equals = ["AWS::DynamoDB::Table"], starts_with = null },
      { field = "resources.ARN", equals = null, starts_with = [local.cases_arn] },
    ] },
    { name = "record-events", fields = [
      { field = "eventCategory", equals = ["Data"], starts_with = null },
      { field = "resources.type", equals = ["AWS::SQS::Queue"], starts_with = null },
      { field = "resources.ARN", equals = [local.events_arn], starts_with = null },
    ] },
  ]
}
