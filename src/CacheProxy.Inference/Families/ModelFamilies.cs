using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Families;

/// <summary>The families that this engine runs. A new one is a file beside the others and an entry here.</summary>
internal static class ModelFamilies
{
    public static IReadOnlyList<ModelFamily> All { get; } =
    [
        Llama.Family, Mistral.Family, Qwen2.Family, Qwen3.Family, Phi3.Family, Gemma2.Family, Gemma3.Family, Olmo2.Family, Granite.Family, SmolLm3.Family,
    ];

    private static readonly Dictionary<string, ModelFamily> ByArchitecture =
        All.SelectMany(family => family.Architectures.Select(name => (name, family))).ToDictionary(pair => pair.name, pair => pair.family);

    /// <exception cref="ModelFormatException">No family has the architecture.</exception>
    public static ModelFamily Find(IModelSettings settings) => ByArchitecture.GetValueOrDefault(settings.Architecture)
        ?? throw settings.Error(SettingKey.Architecture, $"is {settings.Architecture}; supported are {string.Join(", ", ByArchitecture.Keys)}");
}
