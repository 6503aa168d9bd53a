using System.Text;
using System.Text.RegularExpressions;
using CacheProxy.Inference.Constraints;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Sampling;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Inference.Tests.Constraints;

/// <summary>What each kind of constraint lets through, byte by byte, and what it refuses to promise.</summary>
public sealed class ConstraintFactoryTests
{
    private readonly ConstraintFactory _factory = new(new ByteVocabulary());

    [Theory]
    [InlineData("{}", "[1, \"a\",{\"k\":null}]", true)]
    [InlineData("{\"type\":\"object\"}", "{\n  \"a\": {\"b\":[]}\n}", true)]
    [InlineData("{\"type\":\"object\"}", "[]", false)]
    [InlineData("{\"type\":\"string\"}", "\"\\ud83c\\udf0d \\u00e9 \\/\"", true)]
    [InlineData("{\"type\":\"string\"}", "\"\\ud83c\"", false)]
    [InlineData("{\"type\":\"string\"}", "\"\\udf0d\"", false)]
    [InlineData("{\"type\":\"string\"}", "\"line\nbreak\"", false)]
    [InlineData("{\"type\":\"string\",\"maxLength\":2}", "\"🌍\\ud83c\\udf0d\"", true)]
    [InlineData("{\"type\":\"string\",\"maxLength\":2}", "\"abc\"", false)]
    [InlineData("{\"type\":\"string\",\"minLength\":2}", "\"a\"", false)]
    [InlineData("{\"type\":\"integer\"}", "-120", true)]
    [InlineData("{\"type\":\"integer\"}", "012", false)]
    [InlineData("{\"type\":\"integer\"}", "1.0", false)]
    [InlineData("{\"type\":\"integer\"}", "1234567890123456789", false)]
    [InlineData("{\"type\":\"number\"}", "-0.5e-3", true)]
    [InlineData("{\"type\":\"number\"}", ".5", false)]
    [InlineData("{\"type\":\"integer\",\"minimum\":-3,\"exclusiveMaximum\":12}", "11", true)]
    [InlineData("{\"type\":\"integer\",\"minimum\":-3,\"exclusiveMaximum\":12}", "12", false)]
    [InlineData("{\"type\":\"integer\",\"minimum\":-3,\"exclusiveMaximum\":12}", "-4", false)]
    [InlineData("{\"type\":\"number\",\"minimum\":0.25,\"exclusiveMaximum\":1.5}", "0.25", true)]
    [InlineData("{\"type\":\"number\",\"minimum\":0.25,\"exclusiveMaximum\":1.5}", "1.4999", true)]
    [InlineData("{\"type\":\"number\",\"minimum\":0.25,\"exclusiveMaximum\":1.5}", "1.5", false)]
    [InlineData("{\"type\":\"number\",\"minimum\":0.25,\"exclusiveMaximum\":1.5}", "0.2", false)]
    [InlineData("{\"type\":[\"integer\",\"null\"]}", "null", true)]
    [InlineData("{\"enum\":[\"a\",{\"b\": 1}]}", "{\"b\":1}", true)]
    [InlineData("{\"enum\":[\"a\",{\"b\": 1}]}", "\"b\"", false)]
    [InlineData("{\"type\":\"string\",\"enum\":[\"a\",5]}", "5", false)]
    [InlineData("{\"items\":{\"type\":\"integer\"},\"minItems\":2,\"maxItems\":3}", "[1,2,3]", true)]
    [InlineData("{\"items\":{\"type\":\"integer\"},\"minItems\":2,\"maxItems\":3}", "[1]", false)]
    [InlineData("{\"items\":{\"type\":\"integer\"},\"minItems\":2,\"maxItems\":3}", "[1,2,3,4]", false)]
    [InlineData("{\"prefixItems\":[{\"const\":1},{\"const\":\"b\"}],\"items\":false,\"minItems\":2}", "[1,\"b\"]", true)]
    [InlineData("{\"properties\":{\"a\":{},\"b\":{}},\"required\":[\"b\"]}", "{\"b\":1}", true)]
    [InlineData("{\"properties\":{\"a\":{},\"b\":{}},\"required\":[\"b\"]}", "{\"a\":1}", false)]
    [InlineData("{\"properties\":{\"a\":{},\"b\":{}},\"required\":[\"b\"]}", "{\"b\":1,\"a\":1}", false)]
    [InlineData("{\"properties\":{\"a\":{}}}", "{\"c\":1}", false)]
    [InlineData("{\"properties\":{\"a\":{\"type\":\"integer\"}},\"additionalProperties\":{\"type\":\"string\"}}", "{\"a\":1,\"aa\":\"x\",\"b\":\"y\"}", true)]
    [InlineData("{\"properties\":{\"a\":{\"type\":\"integer\"}},\"additionalProperties\":{\"type\":\"string\"}}", "{\"a\":\"x\"}", false)]
    [InlineData("{\"properties\":{\"a\":{\"type\":\"integer\"}},\"additionalProperties\":{\"type\":\"string\"}}", "{\"\\u0061\":\"x\"}", false)]
    [InlineData("{\"$ref\":\"#/$defs/n\",\"$defs\":{\"n\":{\"properties\":{\"next\":{\"$ref\":\"#/$defs/n\"}}}}}", "{\"next\":{\"next\":{}}}", true)]
    [InlineData("{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"string\"}]}", "\"x\"", true)]
    [InlineData("{\"type\":\"string\",\"format\":\"date\"}", "\"2024-02-29\"", true)]
    [InlineData("{\"type\":\"string\",\"format\":\"date\"}", "\"2023-02-29\"", false)]
    [InlineData("{\"type\":\"string\",\"format\":\"ipv4\"}", "\"255.0.10.1\"", true)]
    [InlineData("{\"type\":\"string\",\"format\":\"ipv4\"}", "\"256.0.10.1\"", false)]
    [InlineData("{\"type\":\"string\",\"pattern\":\"b+\"}", "\"a\\\"bb\\u0000\"", true)]
    public void JsonSchema_Documents_AreAllowedOrNot(string schema, string document, bool allowed)
        => Assert.Equal(allowed, Allows(_factory.JsonSchema(schema), document));

    [Theory]
    [InlineData("{\"properties\":{\"a\":{\"not\":{}}}}", "properties.a.not")]
    [InlineData("{\"properties\":{\"a\":{\"type\":\"number\",\"multipleOf\":0.5}}}", "properties.a.multipleOf")]
    [InlineData("{\"type\":\"array\",\"uniqueItems\":true}", "uniqueItems")]
    [InlineData("{\"type\":\"object\",\"patternProperties\":{}}", "patternProperties")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"(?=a)b\"}", "pattern")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"(a)\\\\1\"}", "pattern")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"a\",\"maxLength\":5}", "pattern")]
    [InlineData("{\"type\":\"string\",\"format\":\"idn-email\"}", "format")]
    [InlineData("{\"type\":\"string\",\"minLength\":3,\"maxLength\":2}", "maxLength")]
    [InlineData("{\"type\":\"string\",\"minLength\":-1}", "minLength")]
    [InlineData("{\"type\":\"text\"}", "type")]
    [InlineData("{\"$ref\":\"#/$defs/gone\"}", "$ref")]
    [InlineData("{\"$ref\":\"https://example.com/schema\"}", "$ref")]
    [InlineData("{\"$ref\":\"#\",\"type\":\"string\"}", "type")]
    [InlineData("{\"anyOf\":[]}", "anyOf")]
    [InlineData("{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\",\"minimum\":5,\"maximum\":4}]}", "anyOf[1].maximum")]
    [InlineData("{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"string\",\"maxLength\":5}]}", "oneOf")]
    [InlineData("{\"allOf\":[{},{}]}", "allOf")]
    [InlineData("{\"enum\":[]}", "enum")]
    [InlineData("{\"type\":\"string\",\"enum\":[1]}", "enum")]
    [InlineData("{\"properties\":{\"a\":{}},\"required\":[\"b\"]}", "required")]
    [InlineData("{\"properties\":{\"a\":false},\"required\":[\"a\"]}", "properties.a")]
    [InlineData("{\"items\":[{}]}", "items")]
    [InlineData("{\"$ref\":\"#/$defs/n\",\"$defs\":{\"n\":{\"properties\":{\"next\":{\"$ref\":\"#/$defs/n\"}},\"required\":[\"next\"]}}}", "")]
    [InlineData("[]", "")]
    [InlineData("{\"type\":", "")]
    public void JsonSchema_WhatCannotBeHeld_IsRefusedWithItsPath(string schema, string path)
    {
        var refusal = Assert.Throws<ConstraintException>(() => _factory.JsonSchema(schema));
        Assert.Equal(path, refusal.Path);
    }

    [Fact]
    public void JsonSchema_OneOfToldApart_IsServed()
    {
        ITokenConstraint constraint = _factory.JsonSchema("""
            {"oneOf":[{"$ref":"#/$defs/cat"},{"type":"object","properties":{"kind":{"const":"dog"},"barks":{"type":"boolean"}},"required":["kind"]},{"type":"null"}],
             "$defs":{"cat":{"type":"object","properties":{"kind":{"const":"cat"}},"required":["kind"]}}}
            """);

        Assert.True(Allows(constraint, "{\"kind\":\"cat\"}"));
        Assert.True(Allows(constraint, "{\"kind\":\"dog\",\"barks\":true}"));
        Assert.False(Allows(constraint, "{\"kind\":\"cat\",\"barks\":true}"));
    }

    [Fact]
    public void JsonSchema_Recursion_EndsInTime()
    {
        ITokenConstraint constraint = _factory.JsonSchema("{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}");

        Assert.True(Allows(constraint, new string('[', 30) + new string(']', 30)));
        Assert.False(Allows(constraint, new string('[', 70) + new string(']', 70)));
    }

    [Fact]
    public void JsonSchema_WhiteSpace_IsBounded()
    {
        ITokenConstraint constraint = _factory.JsonObject();

        Assert.True(Allows(constraint, "{\n\t\"a\": 1,\n\t\"b\": []\n}"));
        Assert.False(Allows(constraint, "{  \"a\": 1}"));
        Assert.False(Allows(constraint, "{\n\n\"a\": 1}"));
        Assert.False(Allows(constraint, " {}"));
        Assert.False(Allows(constraint, "{} "));
    }

    [Fact]
    public void JsonSchema_SameSchemaAgain_IsTheSameConstraint()
        => Assert.Same(_factory.JsonSchema("{\"type\":\"integer\"}"), _factory.JsonSchema("{\"type\":\"integer\"}"));

    [Theory]
    [InlineData("[a-c]{2,3}|x+?\\d*")]
    [InlineData("(?:ab)*c?(d|e[^f\\d])")]
    [InlineData("^\\w+\\.(?<kind>[A-Z]{1,2})$")]
    [InlineData("[\\u00e0-\\u00ff🌍-🌏]{1,3}é?")]
    [InlineData("\\x41\\u{1F30D}?[\\-\\]]")]
    public void Regex_Written_Matches(string pattern)
    {
        ITokenConstraint constraint = _factory.Regex(pattern);
        var writer = new RandomWriter(new ByteVocabulary(), 3);
        string dotnet = "^(?:" + pattern.Replace("\\u{1F30D}", "(?:🌍)", StringComparison.Ordinal).Replace("[\\u00e0-\\u00ff🌍-🌏]", "(?:[à-ÿ]|\\ud83c[\\udf0d-\\udf0f])", StringComparison.Ordinal) + ")$";
        for (int i = 0; i < 50; i++)
        {
            string? text = writer.Write(constraint, 200, endBias: 3);

            // .NET counts a character outside the basic plane as two.
            bool isComparable = text is not null && !(pattern.Contains("[^", StringComparison.Ordinal) && text.Any(char.IsSurrogate));
            Assert.True(!isComparable || Regex.IsMatch(text!, dotnet), $"{text} does not match {pattern}");
        }
    }

    [Theory]
    [InlineData("a{2", "count")]
    [InlineData("a{3,2}", "out of order")]
    [InlineData("(a", "without ')'")]
    [InlineData("a)", "unmatched")]
    [InlineData("[a", "without ']'")]
    [InlineData("[z-a]", "out of order")]
    [InlineData("*a", "nothing before")]
    [InlineData("a**", "two counts")]
    [InlineData("a$b", "'$'")]
    [InlineData("a^b", "'^'")]
    [InlineData("(?<=a)b", "looks around")]
    [InlineData("\\bword", "not supported")]
    [InlineData("\\p{L}", "not supported")]
    [InlineData("\\u12", "hexadecimal")]
    [InlineData("a\\", "backslash")]
    [InlineData("\\ud83c\\u0041", "surrogate")]
    public void Regex_WhatCannotBeHeld_IsRefused(string pattern, string reason)
        => Assert.Contains(reason, Assert.Throws<ConstraintException>(() => _factory.Regex(pattern)).Message, StringComparison.Ordinal);

    [Fact]
    public void OneOf_Texts_NothingElse()
    {
        ITokenConstraint constraint = _factory.OneOf(["yes", "yes, but", "no"]);

        Assert.True(Allows(constraint, "yes") && Allows(constraint, "yes, but") && Allows(constraint, "no"));
        Assert.False(Allows(constraint, "nope") || Allows(constraint, "ye"));
        Assert.Throws<ConstraintException>(() => _factory.OneOf([]));
    }

    private static bool Allows(ITokenConstraint constraint, string text)
    {
        ITokenConstraintState state = constraint.Start();
        foreach (byte value in Encoding.UTF8.GetBytes(text))
        {
            if (!TokenMask.Contains(state.Allowed(), value))
            {
                return false;
            }

            state.Advance(value);
        }

        return TokenMask.Contains(state.Allowed(), ByteVocabulary.EndOfTurn);
    }
}
