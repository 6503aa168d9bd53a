using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Gguf;

/// <summary>Canonical keys are this file's own, with the architecture in front.</summary>
internal sealed class GgufSettings(GgufMetadata metadata) : IModelSettings
{
    private const string ArchitectureKey = "general.architecture";

    public string Architecture => metadata.GetString(ArchitectureKey);

    public TensorConvention Convention => TensorConvention.Gguf;

    public int? FindInt32(string key) => metadata.FindInt32(Own(key));

    /// <summary>Whole numbers count too.</summary>
    public float? FindSingle(string key) => metadata.Values.GetValueOrDefault(Own(key)) is float or double or null ? metadata.FindSingle(Own(key)) : metadata.FindInt32(Own(key));

    public bool? FindBoolean(string key) => metadata.FindBoolean(Own(key));

    public string? FindString(string key) => metadata.FindString(Own(key));

    public float[]? FindSingles(string key) => metadata.FindArray<float>(Own(key));

    public string[]? FindStrings(string key) => metadata.FindArray<string>(Own(key));

    public ModelFormatException Error(string key, string problem) => metadata.Error(Own(key), problem);

    private string Own(string key) => key == SettingKey.Architecture ? ArchitectureKey : $"{Architecture}.{key}";
}
