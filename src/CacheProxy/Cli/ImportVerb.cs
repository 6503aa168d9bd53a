using System.CommandLine;
using System.Text.Json.Nodes;

namespace CacheProxy.Cli;

/// <summary><c>import FILE</c>: takes an export in; what is there and as new stays.</summary>
internal static class ImportVerb
{
    public static Command Create(TextWriter output)
    {
        var verb = new Command("import", "Takes an export in. Its proxy and this one must have the same Tenants:Secret. Running it again does no harm.");
        var file = new Argument<FileInfo>("FILE").AcceptExistingOnly();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only count." };
        verb.Arguments.Add(file);
        verb.Options.Add(dryRun);
        AdminAddress address = AdminAddress.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using AdminClient client = address.Connect(parsed);
            using var lines = new StreamContent(parsed.GetValue(file)!.OpenRead());
            JsonNode reply = await client.PostLinesAsync($"admin/import?dry_run={(parsed.GetValue(dryRun) ? "true" : "false")}", lines, cancellationToken);
            Table.Write(
                output, [parsed.GetValue(dryRun) ? "WOULD IMPORT" : "IMPORTED", "AS NEW ALREADY", "EXPIRED"],
                [[reply["imported"]!.ToString(), reply["skipped"]!.ToString(), reply["expired"]!.ToString()]]);
            return ExitCode.Done;
        });
        return verb;
    }
}
