# Certificates and a trust store as one writes them for AWS, but for the DNS records, which need a zone.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}

provider "aws" {
  region = "us-east-1"
  default_tags { tags = { Team = "shop" } }
}

variable "folder" {}
variable "purpose" { default = "first" }

resource "aws_acm_certificate" "requested" {
  domain_name               = "shop.example"
  subject_alternative_names = ["*.shop.example"]
  validation_method         = "DNS"
  tags                      = { Purpose = var.purpose }
  lifecycle { create_before_destroy = true }
}

resource "aws_acm_certificate_validation" "requested" {
  certificate_arn = aws_acm_certificate.requested.arn
  validation_record_fqdns = [
    for option in aws_acm_certificate.requested.domain_validation_options : option.resource_record_name
  ]
}

resource "aws_acm_certificate" "by_mail" {
  domain_name       = "www.shop.example"
  key_algorithm     = "EC_prime256v1"
  validation_method = "EMAIL"
  options { certificate_transparency_logging_preference = "DISABLED" }
  validation_option {
    domain_name       = "www.shop.example"
    validation_domain = "shop.example"
  }
}

resource "aws_acm_certificate" "imported" {
  certificate_body  = file("${var.folder}/certificate.pem")
  private_key       = file("${var.folder}/key.pem")
  certificate_chain = file("${var.folder}/chain.pem")
}

resource "aws_lb_trust_store" "clients" {
  name                             = "clients"
  ca_certificates_bundle_s3_bucket = "shop-bucket"
  ca_certificates_bundle_s3_key    = "clients/bundle.pem"
}

resource "aws_lb_trust_store_revocation" "clients" {
  trust_store_arn       = aws_lb_trust_store.clients.arn
  revocations_s3_bucket = "shop-bucket"
  revocations_s3_key    = "clients/list.pem"
}

data "aws_acm_certificate" "found" {
  domain      = aws_acm_certificate_validation.requested.certificate_arn != "" ? "shop.example" : ""
  statuses    = ["ISSUED"]
  most_recent = true
}

output "requested" { value = aws_acm_certificate.requested.arn }
output "imported" { value = aws_acm_certificate.imported.arn }
output "found" { value = data.aws_acm_certificate.found.arn }
