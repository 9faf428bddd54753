namespace Parley.Server.Host.Configuration;

/// <summary>The settings on a command line, <c>--Section:Key value</c> or <c>--Section:Key=value</c>, told apart from what the verbs take by their colon.</summary>
internal sealed record SettingArguments(IReadOnlyList<string> Rest, IReadOnlyList<KeyValuePair<string, string?>> Settings, IReadOnlyList<string> Faults)
{
    /// <summary>Takes the settings out of a command line.</summary>
    public static SettingArguments Extract(IReadOnlyList<string> args)
    {
        var rest = new List<string>();
        var settings = new List<KeyValuePair<string, string?>>();
        var faults = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            if (!IsSetting(args[i]))
            {
                rest.Add(args[i]);
                continue;
            }

            var (key, value) = Split(args[i][2..]);
            if (value is null && i + 1 < args.Count && !IsSetting(args[i + 1])) value = args[++i];
            if (value is null) faults.Add($"{key}: needs a value on the command line.");
            else settings.Add(new(key, value));
        }

        // Of a key that is set twice the last counts: scripts put theirs before what a person adds.
        return new SettingArguments(rest, [.. settings.GroupBy(s => s.Key, StringComparer.OrdinalIgnoreCase).Select(g => g.Last())], faults);
    }

    private static bool IsSetting(string arg)
    {
        if (!arg.StartsWith("--", StringComparison.Ordinal)) return false;
        var colon = arg.IndexOf(':', StringComparison.Ordinal);
        var equals = arg.IndexOf('=', StringComparison.Ordinal);
        return colon > 2 && (equals < 0 || colon < equals);
    }

    private static (string Key, string? Value) Split(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (text, null) : (text[..equals], text[(equals + 1)..]);
    }
}
