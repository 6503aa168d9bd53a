using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Families;
using CacheProxy.Inference.Tests.Safetensors;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Families;

/// <summary>What cannot run is refused when it is loaded, with the file and the key at fault.</summary>
public sealed class BadSettingsTests
{
    private const string Model = "qwen2";

    public static TheoryData<string, object?, string> Bad => new()
    {
        { "architectures", new[] { "MixtralForCausalLM" }, "is MixtralForCausalLM; supported are llama, LlamaForCausalLM, " },
        { "architectures", new[] { "LlamaForCausalLM", "Qwen2ForCausalLM" }, "does not name exactly one architecture" },
        { "architectures", "Qwen2ForCausalLM", "is \"Qwen2ForCausalLM\", not a list" },
        { "architectures", null, "does not name exactly one architecture" },
        { "hidden_size", null, "is missing" },
        { "hidden_size", "64", "is \"64\", not a 32-bit whole number" },
        { "hidden_size", 1e300, "is 1E+300, not a 32-bit whole number" },
        { "hidden_size", 72, "is 72; multiples of 16 are supported" },
        { "intermediate_size", 0, "is 0" },
        { "num_hidden_layers", -1, "is -1" },
        { "num_key_value_heads", 3, "is 3, which does not divide the 4 query heads" },
        { "head_dim", 24, "gives heads of 24" },
        { "vocab_size", 500, "is not the 512 rows of token_embd.weight" },
        { "rms_norm_eps", -1, "is -1" },
        { "hidden_act", "relu", "is relu; silu is supported for Qwen2ForCausalLM" },
        { "num_experts", 8, "is 8; mixtures of experts are not supported" },
        { "mlp_bias", true, "is true, which is not supported" },
        { "use_bidirectional_attention", true, "is true, which is not supported" },
        { "layer_types", new[] { "full_attention", "linear_attention" }, "says 'linear_attention' for layer 1" },
        { "layer_types", new[] { "full_attention" }, "says '' for layer 1" },
        { "layer_types", new[] { "full_attention", "sliding_attention" }, "makes layer 1 sliding, but there is no window" },
        { "partial_rotary_factor", 0.35, "is 0.35 for heads of 16" },
        { "partial_rotary_factor", 1.5, "is 1.5 for heads of 16" },
        { "rope_theta", 0, "is 0, not above 1" },
        { "tie_word_embeddings", "yes", "is \"yes\", not true or false" },
    };

    public static TheoryData<object, string, string> BadScaling => new()
    {
        { new { rope_type = "dynamic", factor = 2.0 }, "rope_scaling.rope_type", "is dynamic; none, linear, llama3, yarn and longrope are supported" },
        { new { factor = 2.0 }, "rope_scaling.rope_type", "is missing beside its factor" },
        { new { type = "linear" }, "rope_scaling.factor", "is missing" },
        { new { type = "linear", factor = 0 }, "rope_scaling.factor", "is not positive" },
        { new { rope_type = "llama3", factor = 8.0, low_freq_factor = 4.0, high_freq_factor = 4.0, original_max_position_embeddings = 64 }, "rope_scaling.high_freq_factor", "is 4, not above the low one, 4" },
        { new { rope_type = "yarn", factor = 4.0, beta_fast = 1.0, beta_slow = 1.0 }, "rope_scaling.beta_fast", "is 1, not above the slow one, 1" },
        { new { rope_type = "longrope", short_factor = new[] { 1.0 }, long_factor = new[] { 1.0 }, original_max_position_embeddings = 64 }, "rope_scaling.short_factor", "has 1 factors for 8 rotated pairs" },
        { new { rope_type = "longrope", original_max_position_embeddings = 64 }, "rope_scaling.short_factor", "is missing" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Load_BadSetting_NamesFileAndKey(string key, object? value, string problem)
    {
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => Load((key, value)));
        Assert.Equal(key, error.Field);
        Assert.EndsWith("config.json", error.File, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BadScaling))]
    public void Load_BadRotaryScaling_NamesFileAndKey(object scaling, string key, string problem)
    {
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => Load(("rope_scaling", scaling)));
        Assert.Equal(key, error.Field);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("num_hidden_layers", 3, "model.layers.2.input_layernorm.weight", "is missing")]
    [InlineData("tie_word_embeddings", false, "lm_head.weight", "is missing")]
    [InlineData("intermediate_size", 176, "blk.0.ffn_gate.weight", "is [64, 160], not [64, 176]")]
    [InlineData("num_key_value_heads", 4, "blk.0.attn_k.weight", "is [64, 32], not [64, 64]")]
    [InlineData("attention_bias", false, "blk.0.attn_q.bias", "has no place in a Qwen2ForCausalLM of these settings")]
    public void Load_TensorsOtherThanTheSettingsSay_NamesTheTensor(string key, object value, string tensor, string problem)
    {
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => Load((key, value)));
        Assert.Equal(tensor, error.Field);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OtherFamilysTensors_AreNotIgnored() => Assert.Equal(
        "model.layers.0.self_attn.q_norm.weight",
        Assert.Throws<ModelFormatException>(() => Load(("architectures", new[] { "Qwen3ForCausalLM" }), ("attention_bias", true))).Field);

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    public void Settings_NoObject_NameTheFile(string json)
    {
        using TemporaryFolder folder = new TemporaryFolder().With("config.json", json);
        string file = Path.Combine(folder.Path, "config.json");
        Assert.Equal(file, Assert.Throws<ModelFormatException>(() => new HuggingFaceSettings(file, JsonFile.Read(file))).File);
    }

    private static void Load(params (string Name, object? Value)[] changes)
    {
        using ICheckpoint checkpoint = FamilyModel.Open(Model, FamilyModel.ReadSettings(Model, changes));
        OnnxModelRunner.Load(checkpoint, new ModelRunnerOptions { BlockCount = 4 }).Dispose();
    }
}
