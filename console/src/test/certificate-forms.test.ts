import { describe, expect, it } from "vitest";
import {
  certificateName,
  EMPTY_IMPORT,
  EMPTY_REQUEST,
  importCommand,
  requestCommand,
} from "../lib/certificate-forms";

describe("requestCommand", () => {
  it("names further names one by one, and none where none was typed", () => {
    const form = { ...EMPTY_REQUEST, domain: "shop.test", otherNames: " www.shop.test,  *.shop.test\n" };
    expect(requestCommand(form)).toBe(
      "aws acm request-certificate --domain-name shop.test --validation-method DNS --key-algorithm RSA_2048 --subject-alternative-names www.shop.test '*.shop.test'",
    );
    expect(requestCommand({ ...form, otherNames: " , " })).not.toContain("subject");
  });
});

describe("importCommand", () => {
  it("reads files: the key that was typed is not in it", () => {
    const form = { ...EMPTY_IMPORT, key: "secret", chain: "pem" };
    expect(importCommand(form, "arn:c")).toBe(
      "aws acm import-certificate --certificate-arn arn:c --certificate fileb://certificate.pem --private-key fileb://key.pem --certificate-chain fileb://chain.pem",
    );
  });
});

describe("certificateName", () => {
  it("tells certificates of one domain apart", () => {
    const arn = "arn:aws:acm:us-east-1:1:certificate/12345678-aaaa";
    expect(certificateName(arn, "shop.test")).toBe("shop.test (12345678)");
    expect(certificateName(arn, undefined)).toBe("12345678");
  });
});
