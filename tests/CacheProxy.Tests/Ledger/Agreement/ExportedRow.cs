using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CacheProxy.Tests.Ledger.Agreement;

/// <summary>A line of an export, read as another program would: by the names of its columns.</summary>
internal sealed record ExportedRow(string Tenant, string Model, FigureSums Sums)
{
    public static IEnumerable<ExportedRow> OfJsonLines(string path)
        => File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement)
            .Select(row => Of(name => row.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : null));

    public static IEnumerable<ExportedRow> OfCsv(string path)
    {
        List<string> names = Cells(File.ReadLines(path).First());
        return File.ReadLines(path).Skip(1).Select(Cells).Select(cells => Of(name => cells[names.IndexOf(name)] is { Length: > 0 } cell ? cell : null));
    }

    private static ExportedRow Of(Func<string, string?> cell)
    {
        long requests = long.Parse(cell("requests")!, CultureInfo.InvariantCulture);
        bool isClients = cell("work") == "client";
        decimal? paid = Nanodollars(cell("paid_usd")), avoided = Nanodollars(cell("avoided_usd"));
        long Is(string outcome) => isClients && cell("outcome") == outcome ? requests : 0;
        return new ExportedRow(cell("tenant")!, cell("model")!, new FigureSums(
            isClients ? requests : 0, Is("exact"), Is("stale"), Is("semantic"), Is("collapsed"), Is("miss"), Is("bypass"), Is("none"), isClients ? 0 : requests,
            paid is null || avoided is null ? requests : 0, string.Equals(cell("is_part_priced"), "true", StringComparison.OrdinalIgnoreCase) ? requests : 0, paid ?? 0, isClients ? 0 : paid ?? 0, avoided ?? 0, Nanodollars(cell("overhead_usd"))!.Value));
    }

    private static decimal? Nanodollars(string? usd) => usd is null ? null : decimal.Parse(usd, NumberStyles.Float, CultureInfo.InvariantCulture) * 1_000_000_000;

    // RFC 4180, a line at a time: none of the names here has a line break.
    private static List<string> Cells(string line)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        bool isQuoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '"')
            {
                if (isQuoted && i + 1 < line.Length && line[i + 1] == '"')
                {
                    cell.Append(line[i++]);
                }
                else
                {
                    isQuoted = !isQuoted;
                }
            }
            else if (line[i] == ',' && !isQuoted)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else
            {
                cell.Append(line[i]);
            }
        }

        cells.Add(cell.ToString());
        return cells;
    }
}
