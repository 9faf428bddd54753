using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Parley.Server.Host.Configuration;

namespace Parley.Server.Host.Plugins;

/// <summary>Tells an options monitor that the configuration was read again.</summary>
internal sealed class ReloadedOptions<TOptions>(HostConfiguration configuration) : IOptionsChangeTokenSource<TOptions>
{
    public string Name => Options.DefaultName;

    public IChangeToken GetChangeToken() => configuration.Changed;
}
