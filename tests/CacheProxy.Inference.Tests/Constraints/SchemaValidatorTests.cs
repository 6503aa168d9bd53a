using System.Text.Json;

namespace CacheProxy.Inference.Tests.Constraints;

/// <summary>The tests' own judge says no where it should.</summary>
public sealed class SchemaValidatorTests
{
    [Theory]
    [InlineData("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"]}", "{\"a\":\"x\"}")]
    [InlineData("{\"type\":\"object\",\"properties\":{\"a\":{}},\"required\":[\"a\"]}", "{}")]
    [InlineData("{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"b\":1}")]
    [InlineData("{\"items\":{\"maximum\":3}}", "[1,4]")]
    [InlineData("{\"pattern\":\"^a$\"}", "\"b\"")]
    [InlineData("{\"format\":\"ipv4\"}", "\"1.2.3\"")]
    [InlineData("{\"anyOf\":[{\"type\":\"null\"},{\"const\":1}]}", "2")]
    [InlineData("{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"maxLength\":1}}}", "\"xx\"")]
    public void Validate_WhatDoesNotFit_IsFound(string schema, string value)
    {
        using JsonDocument root = JsonDocument.Parse(schema);
        using JsonDocument document = JsonDocument.Parse(value);

        Assert.NotNull(new SchemaValidator(root.RootElement).Validate(document.RootElement));
    }
}
