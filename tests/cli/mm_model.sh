#!/bin/sh
# 10^6 random calls per page allocation strategy against the model of mm/, checked after each (tests/unit/test_mm_model.c).
# timeout: 300, beside: yes
FLAT32_MODEL_OPS=${FLAT32_MODEL_OPS:-1000000} exec "${O:-build}/unit/test_mm_model"
