using System.Runtime.CompilerServices;

namespace CacheProxy.Tests;

/// <summary>What holds for the whole process before the first test runs.</summary>
internal static class TestProcess
{
    // Every host would watch a settings file that there is not, and a user has 128 watchers.
    [ModuleInitializer]
    internal static void Start() => Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");
}
