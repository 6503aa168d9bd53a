using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Encoders;

namespace CacheProxy.Tests.SemanticCache.Encoders;

public sealed class EmbedderOptionsRulesTests
{
    public static TheoryData<EmbedderOptions, string> Bad => new()
    {
        { new() { Kind = "openai" }, "Kind" },
        { new() { Pooling = "max" }, "Pooling" },
        { new() { MaximumTokens = 2 }, "MaximumTokens" },
        { new() { BudgetMilliseconds = 0 }, "BudgetMilliseconds" },
        { new() { ReembedPerSecond = 0 }, "ReembedPerSecond" },
        { new() { Kind = "onnx" }, "Folder" },
        { new() { Folder = "models/e5" }, "Folder" },
        { new() { Url = "https://e.test/v1" }, "Url" },
        { new() { QueryPrefix = "query: " }, "QueryPrefix" },
        { new() { Kind = "endpoint", Model = "m", Dimensions = 8 }, "Url" },
        { new() { Kind = "endpoint", Url = "ftp://e.test", Model = "m", Dimensions = 8 }, "Url" },
        { new() { Kind = "endpoint", Url = "https://e.test/v1", Dimensions = 8 }, "Model" },
        { new() { Kind = "endpoint", Url = "https://e.test/v1", Model = "m" }, "Dimensions" },
        { new() { Kind = "endpoint", Url = "https://e.test/v1", Model = "m", Dimensions = 8, PricePerMillionTokens = double.NaN }, "PricePerMillionTokens" },
    };

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public void Validate_BadSetting_NamesTheKey(EmbedderOptions options, string key)
    {
        var result = new SemanticOptionsValidator().Validate(null, new SemanticOptions { Embedder = options });

        Assert.StartsWith($"Semantic:Embedder:{key}: ", Assert.Single(result.Failures!), StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_EachKind_IsGoodWithWhatItNeeds()
    {
        EmbedderOptions[] good =
        [
            new(),
            new() { Kind = "onnx", Folder = "models/e5", Pooling = "cls", QueryPrefix = "query: ", PassagePrefix = "passage: ", MaximumTokens = 512 },
            new() { Kind = "endpoint", Url = "http://127.0.0.1:8081/v1", Model = "m", Dimensions = 1536, ApiKey = "k" },
        ];

        Assert.All(good, options => Assert.True(new SemanticOptionsValidator().Validate(null, new SemanticOptions { Embedder = options }).Succeeded));
    }
}
