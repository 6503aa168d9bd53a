using System.CommandLine;

namespace CacheProxy.Cli.Semantic;

/// <summary>The options that name a label file.</summary>
internal static class PairsOption
{
    public static Option<FileInfo> AddTo(Command verb, bool isRequired)
    {
        Option<FileInfo> option = new Option<FileInfo>("--pairs")
        {
            Description = "Labelled pairs: label, a, b; tab-separated.",
            HelpName = "FILE",
            Required = isRequired,
        }.AcceptExistingOnly();
        verb.Options.Add(option);
        return option;
    }

    public static Option<bool> AddSkipBadTo(Command verb)
    {
        var option = new Option<bool>("--skip-bad") { Description = "Leave out rows that cannot be read, and say how many. Default: name them and stop." };
        verb.Options.Add(option);
        return option;
    }
}
