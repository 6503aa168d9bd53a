using System.CommandLine;
using CacheProxy.Cli.Reports;
using CacheProxy.Cli.Semantic;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.Tuning;
using CacheProxy.Tuning.Pairs;

namespace CacheProxy.Cli;

/// <summary>
/// The verbs that operate a running proxy over its <c>/admin</c> address, and those that judge pairs of questions, or read what was recorded, without one. Exit codes: 0 done, 1 refused or failed, 2 called wrongly.
/// </summary>
public static class CliProgram
{
    private const string ServerOption = "--config";

    /// <summary>Whether the arguments are not the server's: a verb, also a misspelt one, is answered here, with the verbs there are.</summary>
    public static bool Handles(string[] args) => args is [var first, ..] && first != ServerOption;

    /// <param name="workbench">Opens the settings of a file, or those that a proxy started here would have, for the verbs that need no running one.</param>
    public static async Task<int> RunAsync(
        string[] args, Func<string?, IWorkbench> workbench, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        ParseResult parsed = CreateRoot(workbench, output, errors).Parse(args);
        var configuration = new InvocationConfiguration { Output = output, Error = errors, EnableDefaultExceptionHandler = false };
        try
        {
            int code = await parsed.InvokeAsync(configuration, cancellationToken);
            return parsed.Errors.Count > 0 ? ExitCode.Misused : code;
        }
        catch (Exception exception) when (exception is CliException or LabelFileException or WorkbenchException or EncoderUnavailableException)
        {
            await errors.WriteLineAsync(exception.Message);
            return ExitCode.Failed;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            await errors.WriteLineAsync(exception is OperationCanceledException ? "Called off, or the proxy did not answer in time." : exception.Message);
            return ExitCode.Failed;
        }
    }

    private static RootCommand CreateRoot(Func<string?, IWorkbench> workbench, TextWriter output, TextWriter errors)
    {
        var root = new RootCommand("Without a verb: starts the proxy; --config PATH names its settings. With one: operates a running proxy, or judges questions or reports without one.");
        root.Options.Add(new Option<string>(ServerOption) { Description = "The settings file of the server.", HelpName = "PATH" });
        root.Subcommands.Add(PurgeVerb.Create(output));
        root.Subcommands.Add(EpochVerb.Create(output));
        root.Subcommands.Add(EntriesVerb.Create(output));
        root.Subcommands.Add(ExportVerb.Create(output));
        root.Subcommands.Add(ImportVerb.Create(output));
        root.Subcommands.Add(SeedVerb.Create(output));
        root.Subcommands.Add(TenantVerb.Create(Console.In, output));
        root.Subcommands.Add(EvalVerb.Create(output, errors, workbench));
        root.Subcommands.Add(TuneVerb.Create(output, errors, workbench));
        root.Subcommands.Add(ExplainVerb.Create(output, workbench));
        root.Subcommands.Add(ReportVerb.Create(output, workbench, TimeProvider.System));
        root.Subcommands.Add(LedgerVerb.Create(output, workbench, TimeProvider.System));
        return root;
    }
}
