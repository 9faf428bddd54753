namespace Parley.Plugins.Roster;

/// <summary>The section <c>Plugins:Roster</c>.</summary>
public sealed class RosterOptions
{
    /// <summary>The most contacts of one account, requests that wait for an answer among them.</summary>
    public int MaxItems { get; set; } = 2000;
}
