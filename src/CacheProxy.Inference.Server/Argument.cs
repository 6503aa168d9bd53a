using System.Globalization;

namespace CacheProxy.Inference.Server;

/// <summary>One argument of the stand-alone backend and what it sets.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Value">What the help calls its value.</param>
/// <param name="Help">What it does, with its default.</param>
/// <param name="Apply">Sets the value; returns null for one that it does not take.</param>
/// <param name="Takes">What it takes, for the error.</param>
internal sealed record Argument(string Name, string Value, string Help, Func<InferenceServerOptions, string, InferenceServerOptions?> Apply, string Takes)
{
    public static Argument Text(string name, string value, string help, Func<InferenceServerOptions, string, InferenceServerOptions> set) =>
        new(name, value, help, set, "a text");

    public static Argument Number(string name, string help, int least, int most, Func<InferenceServerOptions, int, InferenceServerOptions> set) => new(
        name,
        "N",
        help,
        (options, value) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? set(options, number)
            : null,
        most == int.MaxValue ? $"a whole number from {least}" : $"a whole number from {least} to {most}");

    /// <param name="choices">Texts that may be given, and what they stand for.</param>
    public static Argument Choice<T>(string name, string value, string help, Func<InferenceServerOptions, T, InferenceServerOptions> set, params (string Text, T Meaning)[] choices) => new(
        name,
        value,
        help,
        (options, given) => choices.Where(choice => choice.Text == given).Select(choice => set(options, choice.Meaning)).FirstOrDefault(),
        string.Join(" or ", choices.Select(choice => choice.Text)));
}
