namespace Parley.Plugins.Roster;

/// <summary>The section <c>Plugins:Roster</c>.</summary>
public sealed class RosterOptions
{
    /// <summary>The most contacts of one account.</summary>
    public int MaxItems { get; set; } = 2000;

    /// <summary>The most requests of people who are no contacts that wait for one account's answer. They count apart, so that nobody can fill another's roster.</summary>
    public int MaxRequests { get; set; } = 100;

    /// <summary>Finds faults.</summary>
    public static IEnumerable<string> Validate(RosterOptions options)
    {
        if (options.MaxItems is < 1 or > 100_000) yield return "MaxItems: must be between 1 and 100000";
        if (options.MaxRequests is < 1 or > 10_000) yield return "MaxRequests: must be between 1 and 10000";
    }
}
