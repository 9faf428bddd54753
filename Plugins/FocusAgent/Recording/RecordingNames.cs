namespace Parley.Plugins.FocusAgent.Recording;

/// <summary>Names of the wire for recordings (docs/recording.md).</summary>
public static class RecordingNames
{
    /// <summary>Our own elements: <c>record</c> and <c>recordings</c>, and <c>recording</c> in who is there.</summary>
    public const string Namespace = "urn:parley:recording:0";

    /// <summary>The command that begins a recording.</summary>
    public const string Start = Namespace + "#start";

    /// <summary>The command that begins one with everybody in one picture.</summary>
    public const string StartComposed = Namespace + "#start-composed";

    /// <summary>The command that ends it.</summary>
    public const string Stop = Namespace + "#stop";

    /// <summary>The command that gives a link to a room's recordings.</summary>
    public const string List = Namespace + "#list";
}
