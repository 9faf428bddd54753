namespace Parley.Xmpp.Server.Sessions;

/// <summary>The streams with components and other servers. They end after the sessions, whose end they still carry.</summary>
public interface IPeerStreams
{
    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>Ends each with a stream error (RFC 6120 section 4.9.3), and refuses new ones. Does not wait.</summary>
    void CloseAll(string condition);
}
