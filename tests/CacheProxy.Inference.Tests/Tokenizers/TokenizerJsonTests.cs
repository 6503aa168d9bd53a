using System.Text.Json.Nodes;
using CacheProxy.Inference.Tests.Execution;
using CacheProxy.Inference.Tests.Safetensors;
using CacheProxy.Inference.Tokenizers;
using CacheProxy.Inference.Weights;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Inference.Tests.Tokenizers;

/// <summary>Forms of tokenizer.json beside those of the golden models: read, or refused with the field that has no code.</summary>
public sealed class TokenizerJsonTests
{
    private const string Gpt2Regex = """'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+""";
    private const string ByteLevel = """{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}""";

    public static TheoryData<string, string, string, string> Refused => new()
    {
        { "qwen2", "model.type", "\"Unigram\"", "model.type" },
        { "qwen2", "model.end_of_word_suffix", "\"</w>\"", "model.end_of_word_suffix" },
        { "qwen2", "model.merges", "null", "model.merges" },
        { "qwen2", "model.merges[3]", "[\"a\"]", "model.merges[3]" },
        { "qwen2", "model.merges[3]", "[\"a b\",\"c\"]", "model.merges[3]" },
        { "qwen2", "model.merges[3]", "\"zzz yyy\"", "model.merges" },
        { "qwen2", "model.vocab", "[]", "model.vocab" },
        { "qwen2", "model.vocab.a", "2000000", "model.vocab.a" },
        { "qwen2", "model.vocab.a", "-1", "model.vocab.a" },
        { "qwen2", "model.vocab.a", "\"1\"", "model.vocab.a" },
        { "qwen2", "normalizer.type", "\"NFKC\"", "normalizer.type" },
        { "qwen2", "pre_tokenizer.pretokenizers[0].pattern.Regex", "\"[a-z]+\"", "pre_tokenizer.pretokenizers[0].pattern.Regex" },
        { "qwen2", "pre_tokenizer.pretokenizers[0].behavior", "\"MergedWithNext\"", "pre_tokenizer.pretokenizers[0].behavior" },
        { "qwen2", "pre_tokenizer.pretokenizers[0].type", "\"Whitespace\"", "pre_tokenizer.pretokenizers[0].type" },
        { "qwen2", "pre_tokenizer.pretokenizers[1].add_prefix_space", "true", "pre_tokenizer.pretokenizers[1].add_prefix_space" },
        { "qwen2", "added_tokens[0].id", "9000000", "added_tokens[0].id" },
        { "qwen2", "added_tokens[0].single_word", "true", "added_tokens[0].single_word" },
        { "qwen2", "added_tokens", "{}", "added_tokens" },
        { "qwen2", "post_processor.type", "\"PairProcessing\"", "post_processor.type" },
        { "mistral-swa", "model.byte_fallback", "false", "model.byte_fallback" },
        { "mistral-swa", "model.ignore_merges", "true", "model.ignore_merges" },
        { "mistral-swa", "model.vocab.<0x41>", "null", "model.vocab.<0x00>" },
        { "mistral-swa", "normalizer.normalizers[0].prepend", "\"_\"", "normalizer.normalizers[0].prepend" },
        { "mistral-swa", "normalizer.normalizers[1].pattern.String", "\"-\"", "normalizer.normalizers[1].pattern.String" },
        { "mistral-swa", "normalizer.normalizers[1].type", "\"Lowercase\"", "normalizer.normalizers[1].type" },
        { "mistral-swa", "normalizer", "null", "model.type" },
        { "mistral-swa", "pre_tokenizer", """{"type":"Whitespace"}""", "pre_tokenizer.type" },
        { "mistral-swa", "post_processor.special_tokens", "{}", "post_processor.special_tokens.<s>" },
        { "mistral-swa", "post_processor.special_tokens.<s>.ids", "[512]", "post_processor.special_tokens.<s>.ids" },
        { "mistral-swa", "post_processor.single", "[]", "post_processor.single" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Read_WhatHasNoCode_NamesTheField(string model, string path, string value, string field)
    {
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => Read(model, (path, value)));
        Assert.Equal(field, error.Field);
        Assert.EndsWith("tokenizer.json", error.File);
    }

    [Theory]
    [InlineData(ByteLevel, "a 12", 2)]
    [InlineData("{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Digits\",\"individual_digits\":true}," + ByteLevel + "]}", "a 12", 4)]
    [InlineData("{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":\"" + Gpt2Regex + "\"},\"behavior\":\"Removed\",\"invert\":true},{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"use_regex\":false}]}", "a 12", 2)]
    public void Read_OtherSplittings_CutNumbersTheirWay(string splitting, string text, int tokens)
    {
        // " 1" and "12" become tokens, so that what the cutting allows shows.
        ITokenizer sut = Read("qwen2", ("pre_tokenizer", splitting), ("model.merges[0]", "[\"1\",\"2\"]"), ("model.merges[1]", "[\"Ġ\",\"12\"]"), ("model.vocab.12", "600"), ("model.vocab.Ġ12", "601")).Tokenizer;
        int[] ids = sut.Encode(text);
        Assert.Equal(text, sut.Decode(ids));
        Assert.Equal(tokens, ids.Length);
    }

    [Theory]
    [InlineData("always", "a<s>b", " a<s> b")]
    [InlineData("first", "a<s>b", " a<s>b")]
    [InlineData("first", "<s>b", "<s>b")]
    [InlineData("never", "a<s>b", "a<s>b")]
    [InlineData("always", " a", " a")]
    public void Read_Metaspace_PutsSpacesInFrontAsItsSchemeSays(string scheme, string text, string decoded)
    {
        ITokenizer sut = Read("mistral-swa", ("normalizer", "null"), ("pre_tokenizer", $$"""{"type":"Metaspace","replacement":"▁","prepend_scheme":"{{scheme}}","split":false}""")).Tokenizer;
        Assert.Equal(decoded, sut.Decode(sut.Encode(text, parseSpecial: true)));
    }

    [Fact]
    public void Read_AddedTokenThatTrims_SwallowsTheSpaceAroundIt()
    {
        ITokenizer sut = Read("qwen2", ("added_tokens[2].lstrip", "true"), ("added_tokens[2].rstrip", "true")).Tokenizer;
        Assert.Equal(TokenTrim.Left | TokenTrim.Right, sut.TrimOf(508));
        Assert.Equal("a<|im_end|>b", sut.Decode(sut.Encode("a <|im_end|> \nb", parseSpecial: true)));
    }

    [Fact]
    public void Read_GapsInTheIds_AreUnusedTokens()
    {
        ITokenizer sut = Read("qwen2", ("added_tokens[5].id", "700")).Tokenizer;
        Assert.Equal((701, TokenKind.Unused, TokenKind.UserDefined), (sut.VocabularySize, sut.KindOf(699), sut.KindOf(700)));
    }

    [Fact]
    public void Read_SuffixInTheTemplate_StandsBehindTheText()
    {
        ModelTokenizer sut = Read("mistral-swa", ("post_processor.single", """[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"<s>","type_id":0}}]"""));
        Assert.Empty(sut.Prefix);
        Assert.Equal([1], sut.Suffix);
    }

    /// <summary>A golden tokenizer with some of its values replaced; null takes one away.</summary>
    private static ModelTokenizer Read(string model, params (string Path, string Value)[] changes)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(Fixture.Path(model + "/tokenizer.json")))!;
        foreach ((string path, string value) in changes)
        {
            Set(root, path.Replace("[", ".[", StringComparison.Ordinal).Split('.'), JsonNode.Parse(value));
        }

        using TemporaryFolder folder = new TemporaryFolder().With("tokenizer.json", root.ToJsonString());
        return HuggingFaceTokenizer.Read(folder.Path);
    }

    private static void Set(JsonNode node, string[] path, JsonNode? value)
    {
        foreach (string step in path[..^1])
        {
            node = step.StartsWith('[') ? node[int.Parse(step.Trim('[', ']'), System.Globalization.CultureInfo.InvariantCulture)]! : node[step]!;
        }

        if (path[^1].StartsWith('['))
        {
            node[int.Parse(path[^1].Trim('[', ']'), System.Globalization.CultureInfo.InvariantCulture)] = value;
        }
        else if (value is null)
        {
            node.AsObject().Remove(path[^1]);
        }
        else
        {
            node[path[^1]] = value;
        }
    }
}
