namespace Parley.Xmpp.Server.Sessions;

/// <summary>The client streams of every state, bound or not. The stream side registers it; where nobody does, the bound sessions are all there is.</summary>
public interface IOpenStreams
{
    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>How many sessions wait for a connection to carry them on (XEP-0198 section 5).</summary>
    int Detached { get; }

    /// <summary>Ends each with a stream error (RFC 6120 section 4.9.3). Does not wait.</summary>
    void CloseAll(string condition);
}
