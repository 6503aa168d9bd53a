using System.CommandLine;
using CacheProxy.Storage;

namespace CacheProxy.Cli;

/// <summary><c>export FILE</c>: entries with their answers, as lines of JSON; <c>-</c> is the standard output.</summary>
internal static class ExportVerb
{
    public static Command Create(TextWriter output)
    {
        var verb = new Command("export", "Writes the entries that match all that is given to a file that only its owner can read: the answers are in it.");
        var file = new Argument<string>("FILE") { Description = "- is the standard output." };
        verb.Arguments.Add(file);
        SelectorOptions selector = SelectorOptions.AddTo(verb, takesSecrets: false);
        AdminAddress address = AdminAddress.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using AdminClient client = address.Connect(parsed);
            string path = "admin/export" + SelectorOptions.ToQuery(selector.Read(parsed));
            string name = parsed.GetValue(file)!;
            await using Stream destination = name == "-"
                ? Console.OpenStandardOutput()
                : OwnerOnly.Open(Path.GetFullPath(name), FileMode.Create, FileAccess.Write);
            await client.CopyAsync(path, destination, cancellationToken);
            if (name != "-")
            {
                output.WriteLine($"{name}: {destination.Length} bytes.");
            }

            return ExitCode.Done;
        });
        return verb;
    }
}
