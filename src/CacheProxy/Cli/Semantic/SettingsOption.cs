using System.CommandLine;
using CacheProxy.Tuning;

namespace CacheProxy.Cli.Semantic;

/// <summary>Whose settings a verb that needs no running proxy works with: those that the proxy started here would have.</summary>
internal sealed class SettingsOption
{
    private readonly Option<FileInfo> _file = new Option<FileInfo>("--config")
    {
        Description = "The proxy's settings file. Default: the one that it would start with here.",
        HelpName = "PATH",
    }.AcceptExistingOnly();

    private readonly Func<string?, IWorkbench> _open;

    private SettingsOption(Func<string?, IWorkbench> open) => _open = open;

    public static SettingsOption AddTo(Command verb, Func<string?, IWorkbench> open)
    {
        var option = new SettingsOption(open);
        verb.Options.Add(option._file);
        return option;
    }

    public IWorkbench Open(ParseResult parsed) => _open(parsed.GetValue(_file)?.FullName);
}
