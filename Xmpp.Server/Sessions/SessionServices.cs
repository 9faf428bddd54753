using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>What every session needs of its server.</summary>
internal sealed record SessionServices(SessionRegistry Sessions, ISessionFlow Flow, StreamLimits Limits);
