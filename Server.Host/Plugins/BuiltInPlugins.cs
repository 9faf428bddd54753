namespace Parley.Server.Host.Plugins;

/// <summary>The plugins that come with the program, in the order in which they start; they stop in the reverse order.</summary>
internal static class BuiltInPlugins
{
    /// <summary>Their names. The relay stands before the focus, which ends its calls while the relay still runs.</summary>
    public static IReadOnlyList<string> Names { get; } = ["Ping", "About", "VCard", "Roster", "Blocking", "Archive", "Offline", "Carbons", "PubSub", "PrivateXml", "Push", "Upload", "Registration", "Admin", "Muc", "ExtDisco", "TurnCredentials", "MediaRelay", "FocusAgent", "Meet"];

    /// <summary>The assembly of one.</summary>
    public static string AssemblyOf(string name) => "Parley.Plugins." + name;
}
