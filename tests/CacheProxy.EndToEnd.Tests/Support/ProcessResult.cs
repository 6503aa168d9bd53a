using System.ComponentModel;
using System.Diagnostics;

namespace CacheProxy.EndToEnd.Tests.Support;

/// <summary>What became of a process that runs to its end.</summary>
internal sealed record ProcessResult(int ExitCode, string Output, string Error)
{
    public static async Task<bool> CanRunAsync(string program)
    {
        try
        {
            return (await RunAsync(program, ["--version"], Environment.CurrentDirectory, TimeSpan.FromMinutes(1))).ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <exception cref="TimeoutException">It did not end in time and was killed.</exception>
    public static async Task<ProcessResult> RunAsync(string program, IEnumerable<string> arguments, string folder, TimeSpan limit)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end within {limit}.");
        }

        return new ProcessResult(process.ExitCode, await output, await error);
    }
}
