namespace Parley.Xmpp.Server.Configuration;

/// <summary>Something outside the program keeps it from starting: one plain sentence that begins with the key to look at.</summary>
public sealed class StartFailureException : Exception
{
    /// <summary>A failure to show to the operator.</summary>
    public StartFailureException(string key, string fault, Exception? cause = null) : base($"{key}: {fault}", cause) => Key = key;

    /// <summary>The key to look at.</summary>
    public string Key { get; }
}
