using Parley.Xmpp.Core.Addressing;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>What the host may do with sessions beside routing to them.</summary>
public interface ISessionControl
{
    /// <summary>The number of bound sessions of each served domain and guest domain.</summary>
    IReadOnlyDictionary<string, int> SessionsByDomain { get; }

    /// <summary>The number of streams of every state.</summary>
    int Streams { get; }

    /// <summary>The number of sessions whose client is away and may come back (XEP-0198 section 5).</summary>
    int Detached { get; }

    /// <summary>The number of messages that are on the disk because clients have not acknowledged them (XEP-0198 section 4).</summary>
    int Unacknowledged { get; }

    /// <summary>Ends all sessions of an account with a stream error, such as <c>not-authorized</c>; returns how many.</summary>
    /// <param name="bare">The account.</param>
    /// <param name="condition">The stream error's condition.</param>
    /// <param name="change">Only those whose client proved who it is by what counted before this change of the account (<see cref="Storage.ScramKeys.Change"/>).</param>
    int EndSessions(Jid bare, string condition, long change = long.MaxValue);

    /// <summary>Ends every stream with <c>system-shutdown</c> and waits until they are gone, at most that long.</summary>
    Task CloseAllAsync(TimeSpan atMost);
}
