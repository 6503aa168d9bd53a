using CacheProxy.Inference.Families;
using CacheProxy.Inference.Safetensors.Quantization;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Safetensors;

/// <summary>A folder of safetensors as a checkpoint: canonical names in, matrices out, whatever the quantisation.</summary>
/// <param name="folder">Becomes this object's to dispose.</param>
/// <param name="settings">Sizes and constants, from config.json.</param>
/// <param name="layout">How quantised modules are stored; null: none are.</param>
/// <param name="nameOf">From a canonical name to the folder's; null where the family has no such tensor.</param>
internal sealed class SafetensorsCheckpoint(SafetensorsFolder folder, IModelSettings settings, IWeightLayout? layout, Func<string, string?> nameOf) : ICheckpoint
{
    private const string Weight = ".weight";

    public const string ConfigFile = "config.json";

    public string Path => folder.Path;

    public IModelSettings Settings => settings;

    /// <summary>Opens a model folder: config.json and the safetensors that lie beside it.</summary>
    /// <exception cref="ModelFormatException">A file is missing or damaged, or the model is of a kind without code.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static SafetensorsCheckpoint Open(string path)
    {
        string file = System.IO.Path.Combine(path, ConfigFile);
        JsonSection config = File.Exists(file) ? JsonSection.Read(file) : throw new ModelFormatException(path, ConfigFile, "is missing");
        var settings = new HuggingFaceSettings(file, config.Value);
        ModelFamily family = ModelFamilies.Find(settings);
        IWeightLayout? layout = QuantizationConfig.Read(config) ?? QuantizationConfig.ReadOlder(path);
        return new SafetensorsCheckpoint(SafetensorsFolder.Open(path), settings, layout, name => TensorNames.InSafetensors(family, name));
    }

    public bool Has(string name) => nameOf(name) is { } stored && Find(name, stored) is not null;

    public IWeightMatrix Get(string name)
    {
        string stored = nameOf(name) ?? throw new ModelFormatException(Path, name, "is missing");
        return Find(name, stored) ?? throw new ModelFormatException(Path, stored, "is missing");
    }

    public void ReleasePages() => folder.ReleasePages();

    public void Dispose() => folder.Dispose();

    private IWeightMatrix? Find(string name, string stored)
    {
        if (stored.EndsWith(Weight, StringComparison.Ordinal) && layout?.Find(name, folder, stored[..^Weight.Length]) is { } quantised)
        {
            return quantised;
        }

        return folder.Find(stored) switch
        {
            null => null,
            { Info.Shape.Count: 1 or 2, Info.Count: > 0, Type: SafetensorsType.F32 or SafetensorsType.F16 or SafetensorsType.BF16 } tensor => new FloatMatrix(name, tensor),
            { } tensor => throw tensor.Error($"is {tensor.Info.Description}; vectors and matrices of F32, F16 and BF16 are supported here"),
        };
    }
}
