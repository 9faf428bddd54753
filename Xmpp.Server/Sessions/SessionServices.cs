using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Protection;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>What every session needs of its server.</summary>
internal sealed record SessionServices(SessionRegistry Sessions, ISessionFlow Flow, StreamLimits Limits, LimitLog LimitLog);
