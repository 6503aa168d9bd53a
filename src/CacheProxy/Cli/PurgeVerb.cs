using System.CommandLine;
using System.Text.Json.Nodes;

namespace CacheProxy.Cli;

/// <summary><c>purge</c>: counts what the selector matches; with <c>--yes</c>, removes it.</summary>
internal static class PurgeVerb
{
    public static Command Create(TextWriter output)
    {
        var verb = new Command("purge", "Counts the entries that match all that is given; with --yes, removes them.");
        SelectorOptions selector = SelectorOptions.AddTo(verb, takesSecrets: true);
        var all = new Option<bool>("--all") { Description = "Every entry." };
        var yes = new Option<bool>("--yes") { Description = "Remove, do not only count." };
        verb.Options.Add(all);
        verb.Options.Add(yes);
        AdminAddress address = AdminAddress.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            JsonObject body = selector.Read(parsed);
            body["dry_run"] = !parsed.GetValue(yes);
            if (parsed.GetValue(all))
            {
                body["all"] = true;
            }

            using AdminClient client = address.Connect(parsed);
            return Report(output, await client.PostAsync("admin/purge", body, cancellationToken));
        });
        return verb;
    }

    public static int Report(TextWriter output, JsonNode reply)
    {
        JsonArray tiers = reply["tiers"]!.AsArray();
        bool isDryRun = (bool)reply["dry_run"]!;
        Table.Write(
            output, ["TIER", isDryRun ? "MATCHES" : "REMOVED", "FAULT"],
            tiers.Select(tier => new[] { (string)tier!["tier"]!, tier["count"]!.ToString(), (string?)tier["error"] ?? "" }));
        if (isDryRun)
        {
            output.WriteLine("Nothing was removed: say --yes.");
        }
        else if (reply["shared"] is { } shared && !(bool)shared)
        {
            output.WriteLine("Redis could not be reached: the other proxies hear of it when it can be.");
        }

        return tiers.Any(tier => tier!["error"] is not null) ? ExitCode.Failed : ExitCode.Done;
    }
}
