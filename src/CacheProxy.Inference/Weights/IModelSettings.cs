namespace CacheProxy.Inference.Weights;

/// <summary>
/// Sizes and constants of a model under canonical keys: GGUF's without the architecture in front, such as <c>embedding_length</c> or
/// <c>attention.head_count</c> (see <see cref="SettingKey"/>).
/// </summary>
/// <remarks>A find returns null where the file does not say. All throw <see cref="ModelFormatException"/> for a value of another type.</remarks>
public interface IModelSettings
{
    /// <summary>What the file calls the architecture: <c>llama</c>, <c>LlamaForCausalLM</c>.</summary>
    string Architecture { get; }

    TensorConvention Convention { get; }

    int? FindInt32(string key);

    float? FindSingle(string key);

    bool? FindBoolean(string key);

    string? FindString(string key);

    /// <summary>A list of numbers.</summary>
    float[]? FindSingles(string key);

    /// <summary>A list of texts.</summary>
    string[]? FindStrings(string key);

    /// <summary>Names the file and the key as the file spells it.</summary>
    ModelFormatException Error(string key, string problem);
}
