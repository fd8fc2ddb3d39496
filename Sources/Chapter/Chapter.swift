// What a chapter needs, with one import: the library and the command line.
@_exported import ArgumentParser
@_exported import CommandLine
@_exported import Experiments
@_exported import Foundation
@_exported import HDF5
@_exported import Imaging
@_exported import NeuralNetwork
@_exported import PyImageSearch
@_exported import Runs
@_exported import ScikitLearn
@_exported import System
@_exported import Tensors
