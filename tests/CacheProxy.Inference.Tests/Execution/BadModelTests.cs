using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Tests.Gguf;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Execution;

public sealed class BadModelTests
{
    public static TheoryData<string, string, object> BadKeys => new()
    {
        { "general.architecture", "is mamba; supported are llama,", "mamba" },
        { "llama.block_count", "is 0", 0u },
        { "llama.embedding_length", "is String, not a 32-bit whole number", "64" },
        { "llama.attention.head_count_kv", "is 3, which does not divide the 4 query heads", 3u },
        { "llama.attention.key_length", "gives heads of 20", 20u },
        { "llama.rope.dimension_count", "is 17 for heads of 16", 17u },
        { "llama.rope.scaling.type", "is dynamic", "dynamic" },
    };

    [Theory]
    [MemberData(nameof(BadKeys))]
    public void Load_BadKey_NamesFileAndKey(string key, string problem, object value)
    {
        ModelFormatException error = LoadFails(Model(key, value));
        Assert.Equal(key, error.Field);
        Assert.Contains(problem, error.Message);
    }

    [Fact]
    public void Load_MissingKey_NamesIt() => Assert.Equal("llama.context_length", LoadFails(Model("llama.context_length", null)).Field);

    [Fact]
    public void Load_MissingTensor_NamesIt() => Assert.Equal("blk.0.attn_norm.weight", LoadFails(Model("", null)).Field);

    [Fact]
    public void Load_WrongShape_NamesTensorAndBothShapes()
    {
        GgufWriter model = Model("", null).AddTensor("blk.0.attn_norm.weight", new float[32], 32);
        Assert.Contains("blk.0.attn_norm.weight: is [32, 1], not [64, 1]", LoadFails(model).Message);
    }

    [Fact]
    public void Load_FormatWithoutCode_NamesTensorAndFormat()
    {
        GgufWriter model = Model("", null)
            .AddTensor("blk.0.attn_norm.weight", new float[64], 64)
            .AddTensor("blk.0.attn_q.weight", GgufTensorType.Q8_1, new byte[64 * 2 * 36], 64, 64)
            .AddTensor("blk.0.attn_k.weight", GgufTensorType.Q8_1, new byte[32 * 2 * 36], 64, 32)
            .AddTensor("blk.0.attn_v.weight", GgufTensorType.Q8_1, new byte[32 * 2 * 36], 64, 32);
        Assert.Contains("blk.0.attn_q.weight: weights of type Q8_1 are not supported", LoadFails(model).Message);
    }

    private static ModelFormatException LoadFails(GgufWriter model)
    {
        using var saved = new TemporaryFile(model.ToArray());
        using GgufFile file = GgufFile.Open(saved.Path);
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => OnnxModelRunner.Load(file, new ModelRunnerOptions()));
        Assert.Equal(saved.Path, error.File);
        return error;
    }

    /// <summary>A sound header with one key replaced, or left out where the value is null, and no layers.</summary>
    private static GgufWriter Model(string key, object? value)
    {
        var keys = new Dictionary<string, object>
        {
            ["general.architecture"] = "llama",
            ["llama.block_count"] = 1u,
            ["llama.context_length"] = 128u,
            ["llama.embedding_length"] = 64u,
            ["llama.feed_forward_length"] = 96u,
            ["llama.attention.head_count"] = 4u,
            ["llama.attention.head_count_kv"] = 2u,
            ["llama.attention.layer_norm_rms_epsilon"] = 1e-5f,
        };
        keys.Remove(key);
        if (value is not null)
        {
            keys[key] = value;
        }

        return keys.Aggregate(new GgufWriter(), (writer, pair) => writer.Add(pair.Key, pair.Value)).AddTensor("token_embd.weight", new float[64 * 8], 64, 8);
    }
}
