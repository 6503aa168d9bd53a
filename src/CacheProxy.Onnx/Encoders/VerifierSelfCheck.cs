using System.Text.Json;

namespace CacheProxy.Onnx.Encoders;

/// <summary>Reads the reference pairs that lie beside a verifier: one JSON object a line with <c>a</c>, <c>b</c> and <c>logit</c>.</summary>
public static class VerifierSelfCheck
{
    /// <exception cref="InvalidDataException">A line is not of that form, or there is none.</exception>
    public static IReadOnlyList<(SameAnswerPair Pair, float Logit)> Read(string path)
    {
        try
        {
            var rows = new List<(SameAnswerPair, float)>();
            foreach (string line in File.ReadLines(path).Where(l => l.Length > 0))
            {
                using JsonDocument document = JsonDocument.Parse(line);
                JsonElement row = document.RootElement;
                rows.Add((new SameAnswerPair(row.GetProperty("a").GetString()!, row.GetProperty("b").GetString()!), row.GetProperty("logit").GetSingle()));
            }

            return rows.Count > 0 ? rows : throw new InvalidDataException("it is empty.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or InvalidDataException)
        {
            throw new InvalidDataException($"{path}: not a list of reference pairs: {e.Message}", e);
        }
    }
}
