using System.Text.Json;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tokenizers;

/// <summary>
/// The tokenizer of a model folder: <c>tokenizer.json</c>, and from the files beside it the special tokens, the ends and the chat template.
/// </summary>
internal static class HuggingFaceTokenizer
{
    /// <exception cref="ModelFormatException">A file is missing or malformed, or asks for something without code.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ModelTokenizer Read(string folder)
    {
        string file = Path.Combine(folder, "tokenizer.json");
        if (!File.Exists(file))
        {
            throw new ModelFormatException(folder, "tokenizer.json", "is missing");
        }

        (ModelTokenizer read, bool hasFrame) = TokenizerJson.Read(JsonSection.Read(file));
        JsonSection? settings = Find(folder, "tokenizer_config.json");
        string begin = TextOf(settings, "bos_token"), end = TextOf(settings, "eos_token");
        bool addBegin = settings?.FindBoolean("add_bos_token") == true && !hasFrame;
        return read with
        {
            BeginText = begin,
            EndText = end,
            Prefix = addBegin && read.Tokenizer.TryGetSpecial(begin, out int id) ? [id] : read.Prefix,
            Ends = ReadEnds(folder, read, end),
            ChatTemplate = ReadTemplate(folder, settings),
        };
    }

    private static JsonSection? Find(string folder, string name)
    {
        string file = Path.Combine(folder, name);
        return File.Exists(file) ? JsonSection.Read(file) : null;
    }

    /// <summary>A special token is its text, or an object around it.</summary>
    private static string TextOf(JsonSection? settings, string name) => settings is not { } present ? ""
        : present.Find(name) is { ValueKind: JsonValueKind.Object } ? present.GetSection(name).GetString("content")
        : present.FindString(name) ?? "";

    /// <summary>generation_config.json goes before config.json; the tokenizer's own end counts beside them.</summary>
    private static int[] ReadEnds(string folder, ModelTokenizer tokenizer, string end)
    {
        const string name = "eos_token_id";
        JsonSection? source = Find(folder, "generation_config.json") is { } generation && generation.Has(name) ? generation : Find(folder, "config.json");
        var ends = new SortedSet<int>();
        if (source?.Find(name) is { } ids)
        {
            foreach (JsonElement id in ids.ValueKind == JsonValueKind.Array ? [.. ids.EnumerateArray()] : new[] { ids })
            {
                ends.Add(id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out int number) && number >= 0
                    ? number
                    : throw source.Value.Error(name, $"is {ids.GetRawText()}, not a token or a list of tokens"));
            }
        }

        if (end.Length > 0 && tokenizer.Tokenizer.TryGetSpecial(end, out int own))
        {
            ends.Add(own);
        }

        return [.. ends];
    }

    /// <summary>A file of its own goes before the setting, which is one text or a list of named ones.</summary>
    private static string? ReadTemplate(string folder, JsonSection? settings)
    {
        string file = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(file))
        {
            return File.ReadAllText(file);
        }

        const string name = "chat_template";
        if (settings?.Find(name) is not { ValueKind: JsonValueKind.Array })
        {
            return settings?.FindString(name);
        }

        return settings.Value.FindSections(name).Where(section => section.GetString("name") == "default").Select(section => section.GetString("template")).FirstOrDefault();
    }
}
