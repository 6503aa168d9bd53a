using CacheProxy.Inference.Weights;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Inference.Tokenizers;

/// <summary>Recognises the ways in which tokenizers converted from SentencePiece write spaces: by normaliser, or by a Metaspace step.</summary>
internal static class SentencePieceRules
{
    private const string Space = "\u2581";

    /// <exception cref="ModelFormatException">A step is of another kind, or characters without token have no bytes to fall back to.</exception>
    public static SpacePrefix Read(IReadOnlyList<JsonSection> normalizers, IReadOnlyList<JsonSection> splitters, JsonSection model)
    {
        if (model.FindBoolean("byte_fallback") != true)
        {
            throw model.Error("byte_fallback", "is not true; BPE with ByteLevel or with bytes to fall back to is supported");
        }

        if (model.FindBoolean("ignore_merges") == true)
        {
            throw model.Error("ignore_merges", "is true, which is supported with ByteLevel alone");
        }

        bool prepends = false, replaces = false;
        foreach (JsonSection step in normalizers)
        {
            prepends |= step.GetString("type") == "Prepend" && !replaces && Is(step, "prepend", Space);
            replaces |= step.GetString("type") == "Replace" && Is(step, "content", Space) && Is(step.GetSection("pattern"), "String", " ");
            if (step.GetString("type") is not ("Prepend" or "Replace"))
            {
                throw step.Error("type", $"is {step.GetString("type")}; Prepend and Replace are supported with BPE that falls back to bytes");
            }
        }

        return splitters switch
        {
            [] when replaces => prepends ? SpacePrefix.Always : SpacePrefix.Never,
            // Gemma's: no space is left for it to split at.
            [var step] when replaces && step.GetString("type") == "Split" && Is(step.GetSection("pattern"), "String", " ") => prepends ? SpacePrefix.Always : SpacePrefix.Never,
            [var step] when normalizers.Count == 0 && step.GetString("type") == "Metaspace" => Metaspace(step),
            [] => throw model.Error("type", "is BPE, but no step writes spaces"),
            [var step, ..] => throw step.Error("type", $"is {step.GetString("type")}; Metaspace without normaliser is supported"),
        };
    }

    private static SpacePrefix Metaspace(JsonSection step)
    {
        _ = Is(step, "replacement", Space);
        if (step.FindBoolean("split") ?? true)
        {
            throw step.Error("split", "is not false, which is not supported");
        }

        return (step.FindString("prepend_scheme") ?? (step.FindBoolean("add_prefix_space") ?? true ? "always" : "never")) switch
        {
            "always" => SpacePrefix.AlwaysUnlessSpace,
            "first" => SpacePrefix.FirstUnlessSpace,
            "never" => SpacePrefix.Never,
            var scheme => throw step.Error("prepend_scheme", $"is {scheme}; always, first and never are known"),
        };
    }

    private static bool Is(JsonSection section, string name, string value) =>
        section.FindString(name) == value ? true : throw section.Error(name, $"is {section.Find(name)?.GetRawText() ?? "missing"}; '{value}' is supported");
}
