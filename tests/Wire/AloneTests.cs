namespace Parley.tests.Wire;

/// <summary>Tests that count what is lost, or hold the machine at its limit: they run after the others, one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneTests
{
    public const string Name = "Alone";
}
