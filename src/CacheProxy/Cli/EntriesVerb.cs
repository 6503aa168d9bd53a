using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace CacheProxy.Cli;

/// <summary><c>entries</c>: lists what is known of entries, never what is in them; <c>entries delete ID</c>.</summary>
internal static class EntriesVerb
{
    private const int LargestPage = 1000;

    public static Command Create(TextWriter output)
    {
        var verb = new Command("entries", "Lists entries that match all that is given, without question and answer.");
        SelectorOptions selector = SelectorOptions.AddTo(verb, takesSecrets: false);
        var limit = new Option<int>("--limit") { Description = "At most so many. Default 100.", HelpName = "N", DefaultValueFactory = _ => 100 };
        verb.Options.Add(limit);
        AdminAddress address = AdminAddress.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using AdminClient client = address.Connect(parsed);
            List<string[]> rows = await ReadAsync(client, selector.Read(parsed), parsed.GetValue(limit), cancellationToken);
            Table.Write(output, ["ID", "MODEL", "NAMESPACE", "TAGS", "AGE", "TTL", "BYTES"], rows);
            return ExitCode.Done;
        });
        verb.Subcommands.Add(CreateDelete(output));
        return verb;
    }

    private static async Task<List<string[]>> ReadAsync(AdminClient client, JsonObject fields, int limit, CancellationToken cancellationToken)
    {
        var rows = new List<string[]>();
        do
        {
            fields["limit"] = Math.Clamp(limit - rows.Count, 1, LargestPage).ToString(CultureInfo.InvariantCulture);
            JsonNode page = await client.GetAsync("admin/entries" + SelectorOptions.ToQuery(fields), cancellationToken);
            rows.AddRange(page["entries"]!.AsArray().Select(entry => Row(entry!)));
            fields["after"] = (string?)page["next"];
        }
        while (fields["after"] is not null && rows.Count < limit);
        return rows;
    }

    private static string[] Row(JsonNode entry) =>
    [
        (string)entry["id"]!, (string)entry["model"]!, (string)entry["namespace"]!, string.Join(',', entry["tags"]!.AsArray().Select(tag => (string)tag!)),
        entry["age_seconds"]!.ToString(), entry["ttl_seconds"]!.ToString(), entry["body_bytes"]!.ToString(),
    ];

    private static Command CreateDelete(TextWriter output)
    {
        var verb = new Command("delete", "Removes one entry.");
        var id = new Argument<string>("ID") { Description = "As X-CacheProxy-Entry and the list give it." };
        verb.Arguments.Add(id);
        AdminAddress address = AdminAddress.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using AdminClient client = address.Connect(parsed);
            return PurgeVerb.Report(output, await client.DeleteAsync($"admin/entries/{Uri.EscapeDataString(parsed.GetValue(id)!)}", cancellationToken));
        });
        return verb;
    }
}
