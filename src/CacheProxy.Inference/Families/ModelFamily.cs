using CacheProxy.Inference.Graph;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Families;

/// <summary>
/// What an architecture fixes and no file says. The defaults are Llama's, so a family states how it differs; sizes, multipliers, caps
/// and rotary scaling are read from the settings for all families alike.
/// </summary>
/// <param name="architectures">GGUF's <c>general.architecture</c> and the class names in <c>config.json</c> that mean it.</param>
internal sealed class ModelFamily(params string[] architectures)
{
    public IReadOnlyList<string> Architectures { get; } = architectures;

    /// <summary>Which floats of a head are rotated together in GGUF files; elsewhere it is always the halves.</summary>
    public RotaryLayout GgufLayout { get; init; } = RotaryLayout.Halves;

    public NormPlacement Norms { get; init; }

    public HeadNorm HeadNorm { get; init; }

    public GateFunction Gate { get; init; }

    /// <summary>Whether queries, keys and values have biases where the settings do not say.</summary>
    public bool Biased { get; init; }

    /// <summary>See <see cref="DecoderConfig.FusedProjections"/>.</summary>
    public bool FusedProjections { get; init; }

    /// <summary>Norms multiply with 1 + w, and checkpoints store w; GGUF files store the sum.</summary>
    public bool ShiftedNorms { get; init; }

    /// <summary>Token rows are multiplied with the square root of their width.</summary>
    public bool ScaledEmbedding { get; init; }

    /// <summary>Which layers see only a window, where there is one and the settings have no list of layer types.</summary>
    public Func<IModelSettings, int, bool> IsSliding { get; init; } = (_, _) => false;

    /// <summary>The window where the settings have none; null: then all layers see everything.</summary>
    public int? DefaultWindow { get; init; }

    /// <summary>Which layers rotate queries and keys.</summary>
    public Func<IModelSettings, int, bool> IsRotated { get; init; } = (_, _) => true;

    /// <summary>Rotary base of the sliding layers, where they have a table of their own without scaling.</summary>
    public float? LocalRotaryBase { get; init; }

    /// <summary>Scores are divided by its root where the settings have no scale; null: by the head size's.</summary>
    public Func<IModelSettings, float?> QueryScalar { get; init; } = _ => null;

    /// <summary>Names of tensors in safetensors where they differ from <see cref="TensorNames"/>, likewise without layer and ending.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>();
}
